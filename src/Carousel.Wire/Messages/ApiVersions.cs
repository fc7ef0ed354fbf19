namespace Carousel.Wire;

/// <summary>Tells which APIs a broker speaks, in which versions: versions 0 to 4.</summary>
public sealed class ApiVersionsRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.ApiVersions, VersionMin: 0, VersionMax: 4, FlexibleFrom: 3);

    public string ClientSoftwareName { get; set; } = "";

    public string ClientSoftwareVersion { get; set; } = "";

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        if (version >= 3)
        {
            ClientSoftwareName = visitor.String("ClientSoftwareName", ClientSoftwareName);
            ClientSoftwareVersion = visitor.String("ClientSoftwareVersion", ClientSoftwareVersion);
        }

        visitor.EndStruct(this, version);
    }
}

/// <inheritdoc cref="ApiVersionsRequest"/>
public sealed class ApiVersionsResponse : ITaggedMessage
{
    public ErrorCode ErrorCode { get; set; }

    public ApiVersion[] ApiKeys { get; set; } = [];

    public int ThrottleTimeMs { get; set; }

    public SupportedFeatureKey[] SupportedFeatures { get; set; } = [];

    public long FinalizedFeaturesEpoch { get; set; } = -1;

    public FinalizedFeatureKey[] FinalizedFeatures { get; set; } = [];

    public bool ZkMigrationReady { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
        ApiKeys = visitor.Array("ApiKeys", ApiKeys, version);

        if (version >= 1)
        {
            ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        }

        visitor.EndStruct(this, version);
    }

    public uint TagsKnown(short version) =>
        (version >= 3 ? 1u << 0 : 0)
        | (version >= 3 ? 1u << 1 : 0)
        | (version >= 3 ? 1u << 2 : 0)
        | (version >= 3 ? 1u << 3 : 0);

    public uint TagsSet(short version) =>
        (version >= 3 && SupportedFeatures is { Length: > 0 } ? 1u << 0 : 0)
        | (version >= 3 && FinalizedFeaturesEpoch != -1 ? 1u << 1 : 0)
        | (version >= 3 && FinalizedFeatures is { Length: > 0 } ? 1u << 2 : 0)
        | (version >= 3 && ZkMigrationReady ? 1u << 3 : 0);

    public void VisitTag<TVisitor>(ref TVisitor visitor, short version, int tag)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        switch (tag)
        {
            case 0:
                SupportedFeatures = visitor.Array("SupportedFeatures", SupportedFeatures, version);
                break;
            case 1:
                FinalizedFeaturesEpoch = visitor.Int64("FinalizedFeaturesEpoch", FinalizedFeaturesEpoch);
                break;
            case 2:
                FinalizedFeatures = visitor.Array("FinalizedFeatures", FinalizedFeatures, version);
                break;
            case 3:
                ZkMigrationReady = visitor.Boolean("ZkMigrationReady", ZkMigrationReady);
                break;
        }
    }

    public sealed class ApiVersion : IMessage
    {
        public short ApiKey { get; set; }

        public short MinVersion { get; set; }

        public short MaxVersion { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            ApiKey = visitor.Int16("ApiKey", ApiKey);
            MinVersion = visitor.Int16("MinVersion", MinVersion);
            MaxVersion = visitor.Int16("MaxVersion", MaxVersion);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class SupportedFeatureKey : IMessage
    {
        public string Name { get; set; } = "";

        public short MinVersion { get; set; }

        public short MaxVersion { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            MinVersion = visitor.Int16("MinVersion", MinVersion);
            MaxVersion = visitor.Int16("MaxVersion", MaxVersion);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class FinalizedFeatureKey : IMessage
    {
        public string Name { get; set; } = "";

        public short MaxVersionLevel { get; set; }

        public short MinVersionLevel { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            MaxVersionLevel = visitor.Int16("MaxVersionLevel", MaxVersionLevel);
            MinVersionLevel = visitor.Int16("MinVersionLevel", MinVersionLevel);
            visitor.EndStruct(this, version);
        }
    }
}
