namespace Carousel.Wire.Tests.Messages;

/// <summary>Our messages against the definitions that Kafka's own messages are generated from.</summary>
public sealed class MessageDefinitionTests
{
    private static readonly Lazy<KafkaDefinitions> Kafka = new(KafkaDefinitions.LoadOrSkip);

    public static TheoryData<string> Names => [.. MessageKinds.All.Select(kind => kind.Name)];

    public static TheoryData<string> RequestNames => [.. MessageKinds.Requests.Select(kind => kind.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_field_of_every_version_is_as_Kafka_defines_it(string name)
    {
        MessageKind kind = MessageKinds.All.Single(kind => kind.Name == name);
        foreach (short version in kind.Versions)
        {
            Assert.Equal($"{name} v{version}\n{Kafka.Value.Describe(name, version)}", $"{name} v{version}\n{kind.Describe(version)}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Versions_are_ones_that_Kafka_has_and_flexible_where_Kafkas_are(string name)
    {
        MessageKind kind = MessageKinds.All.Single(kind => kind.Name == name);
        (short min, short max) = Kafka.Value.Versions(name);
        Assert.InRange(kind.VersionMin, min, max);
        Assert.InRange(kind.VersionMax, min, max);
        Assert.All(kind.Versions, version => Assert.Equal(Kafka.Value.IsFlexible(name, version), kind.IsFlexible(version)));
    }

    [Theory]
    [MemberData(nameof(RequestNames))]
    public void A_request_has_Kafkas_api_key(string name) => Assert.Equal(Kafka.Value.ApiKey(name), (int)MessageKinds.ApiOf(name).Key);

    [Fact]
    public void Request_and_response_headers_are_of_the_version_that_Kafka_uses()
    {
        Api versions = ApiVersionsRequest.Api;
        Assert.Equal(2, versions.RequestHeaderVersion(3));
        Assert.Equal(0, versions.ResponseHeaderVersion(3));
        Assert.Equal(1, ProduceRequest.Api.RequestHeaderVersion(8));
        Assert.Equal(0, ProduceRequest.Api.ResponseHeaderVersion(8));
        Assert.Equal(2, ProduceRequest.Api.RequestHeaderVersion(9));
        Assert.Equal(1, ProduceRequest.Api.ResponseHeaderVersion(9));
    }
}
