namespace Carousel.Wire.Tests.Messages;

/// <summary>A few messages byte for byte, as Kafka's clients send and read them.</summary>
public sealed class LiteralBytesTests
{
    [Fact]
    public void A_request_header_of_either_version_is_read_up_to_its_body()
    {
        // api_key 3, version 4, correlation id 7, client id "ab", then the body.
        byte[] plain = Convert.FromHexString("00030004" + "00000007" + "00026162" + "CAFE");
        (RequestHeader header, ReadOnlyMemory<byte> body) = RequestHeader.Read(plain, (_, version) => version >= 9);
        Assert.Equal(new RequestHeader(3, 4, 7, "ab"), header);
        Assert.Equal("CAFE", Convert.ToHexString(body.Span));

        // The same in version 9, whose client id stays a plain string, with one tagged field (tag 5, 1 byte) that nobody knows.
        byte[] flexible = Convert.FromHexString("00030009" + "00000007" + "00026162" + "01" + "050100" + "CAFE");
        (header, body) = RequestHeader.Read(flexible, (_, version) => version >= 9);
        Assert.Equal(new RequestHeader(3, 9, 7, "ab"), header);
        Assert.Equal("CAFE", Convert.ToHexString(body.Span));
    }

    [Fact]
    public void A_request_header_without_client_id_has_an_empty_one_and_an_unknown_api_has_no_body()
    {
        byte[] frame = Convert.FromHexString("00030004" + "00000007" + "FFFF" + "CAFE");
        Assert.Equal("", RequestHeader.Read(frame, (_, _) => false).Header.ClientId);
        Assert.Equal(0, RequestHeader.Read(frame, (_, _) => null).Body.Length);
        Assert.Throws<WireFormatException>(() => RequestHeader.Read(frame.AsMemory(0, 7), (_, _) => null));
    }

    [Fact]
    public void ApiVersions_request_v3_has_compact_strings_and_tags()
    {
        byte[] bytes = Convert.FromHexString("04" + "6B6361" + "04" + "312E37" + "00");
        ApiVersionsRequest request = WireReader.Read<ApiVersionsRequest>(bytes, version: 3);
        Assert.Equal(("kca", "1.7"), (request.ClientSoftwareName, request.ClientSoftwareVersion));
        Assert.Equal(Convert.ToHexString(bytes), Hex(request, ApiVersionsRequest.Api, 3));
    }

    [Fact]
    public void ApiVersions_response_v0_is_an_error_and_an_array_of_three_shorts_each()
    {
        var response = new ApiVersionsResponse
        {
            ErrorCode = ErrorCode.UnsupportedVersion,
            ApiKeys = [new ApiVersionsResponse.ApiVersion { ApiKey = 18, MinVersion = 0, MaxVersion = 4 }],
        };
        Assert.Equal("0023" + "00000001" + "001200000004", Hex(response, ApiVersionsRequest.Api, 0));
    }

    [Fact]
    public void ApiVersions_response_v3_carries_features_as_tagged_fields()
    {
        var response = new ApiVersionsResponse
        {
            SupportedFeatures = [new ApiVersionsResponse.SupportedFeatureKey { Name = "f", MinVersion = 0, MaxVersion = 2 }],
            FinalizedFeaturesEpoch = 1,
        };

        // error, no api keys, throttle; two tags: 0 with 9 bytes (one feature), 1 with 8 bytes (the epoch).
        Assert.Equal("0000" + "01" + "00000000" + "02" + "0008" + "02" + "0266" + "00000002" + "00" + "0108" + "0000000000000001", Hex(response, ApiVersionsRequest.Api, 3));
    }

    [Theory]
    [InlineData(7, "FFFF" + "FFFF" + "000003E8" + "00000001" + "00026F31" + "00000001" + "00000002" + "00000003" + "010203")]
    [InlineData(9, "00" + "FFFF" + "000003E8" + "02" + "036F31" + "02" + "00000002" + "04" + "010203" + "00" + "00" + "00")]
    [InlineData(13, "00" + "FFFF" + "000003E8" + "02" + "00112233445566778899AABBCCDDEEFF" + "02" + "00000002" + "04" + "010203" + "00" + "00" + "00")]
    public void A_produce_request_names_its_topic_or_gives_its_id(short version, string hex)
    {
        var request = new ProduceRequest
        {
            Acks = -1,
            TimeoutMs = 1000,
            TopicData =
            [
                new ProduceRequest.TopicProduceData
                {
                    Name = "o1",
                    TopicId = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"),
                    PartitionData = [new ProduceRequest.PartitionProduceData { Index = 2, Records = new byte[] { 1, 2, 3 } }],
                },
            ],
        };
        Assert.Equal(hex, Hex(request, ProduceRequest.Api, version));
        Assert.Equal(new byte[] { 1, 2, 3 }, WireReader.Read<ProduceRequest>(Convert.FromHexString(hex), version).TopicData[0].PartitionData[0].Records.ToArray());
    }

    [Fact]
    public void A_fetch_response_without_records_has_empty_ones_never_null()
    {
        var response = new FetchResponse
        {
            Responses = [new FetchResponse.FetchableTopicResponse { Topic = "o1", Partitions = [new FetchResponse.PartitionData { HighWatermark = 5, LastStableOffset = 5, LogStartOffset = 0 }] }],
        };
        string partition = "00000000" + "0000" + "0000000000000005" + "0000000000000005" + "0000000000000000" + "00000000" + "FFFFFFFF" + "00000000";
        Assert.Equal("00000000" + "0000" + "00000000" + "00000001" + "00026F31" + "00000001" + partition, Hex(response, FetchRequest.Api, 11));
    }

    [Fact]
    public void Null_arrays_and_strings_are_minus_one_or_zero()
    {
        var request = new MetadataRequest { Topics = null, AllowAutoTopicCreation = true };
        Assert.Equal("FFFFFFFF" + "01", Hex(request, MetadataRequest.Api, 4));
        Assert.Equal("00" + "01" + "00" + "00", Hex(request, MetadataRequest.Api, 12));
    }

    [Fact]
    public void A_transactions_state_is_stored_with_its_tags_after_its_fields()
    {
        var value = new TransactionLogValue
        {
            ProducerId = 7,
            ProducerEpoch = 1,
            TransactionTimeoutMs = 60_000,
            TransactionStatus = 1,
            TransactionPartitions = [new TransactionLogValue.PartitionsSchema { Topic = "o", PartitionIds = [3] }],
            TransactionLastUpdateTimestampMs = 2,
            TransactionStartTimestampMs = 1,
            ClientTransactionVersion = 2,
        };
        string fixedFields = "0000000000000007" + "0001" + "0000EA60" + "01";
        Assert.Equal(
            fixedFields + "02" + "026F" + "02" + "00000003" + "00" + "0000000000000002" + "0000000000000001" + "01" + "0202" + "0002",
            Convert.ToHexString(WireWriter.ToBytes(value, isFlexible: true, version: 1)));
        Assert.Equal(
            fixedFields + "00000001" + "00016F" + "00000001" + "00000003" + "0000000000000002" + "0000000000000001",
            Convert.ToHexString(WireWriter.ToBytes(value, isFlexible: false, version: 0)));
    }

    [Theory]
    [InlineData("FFFFFFFF10", "more than 32 bits")]
    [InlineData("FFFFFFFFFF01", "more than 5 bytes")]
    public void A_varint_beyond_32_bits_is_refused(string hex, string reason) =>
        Assert.Contains(reason, Assert.Throws<WireFormatException>(() => WireReader.Read<MetadataRequest>(Convert.FromHexString(hex), version: 12)).Message, StringComparison.Ordinal);

    private static string Hex<T>(T message, Api api, short version)
        where T : class, IMessage => Convert.ToHexString(WireWriter.ToBytes(message, api.IsFlexible(version), version));
}
