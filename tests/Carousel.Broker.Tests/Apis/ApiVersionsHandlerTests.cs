using Carousel.Broker.Apis;
using Carousel.Broker.Tests.Hosting;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Apis;

public sealed class ApiVersionsHandlerTests
{
    [Fact]
    public async Task A_version_that_isnt_spoken_is_answered_in_version_0_with_the_range_to_ask_in()
    {
        await using var connections = new TestConnections(TestConnections.Options);
        TestClient client = connections.Connect();
        await client.SendAsync(TestClient.Frame(18, 9, 7, [4, 97, 98, 99, 2, 120, 0], isFlexible: true));
        Assert.Equal("00000007" + "0023" + "00000001" + "001200000004", Convert.ToHexString((await client.ReceiveAsync())!));
        ApiVersionsResponse again = await client.AskAsync<ApiVersionsRequest, ApiVersionsResponse>(Request("abc", "1.0"), 4, 8);
        Assert.Equal(ErrorCode.None, again.ErrorCode);
    }

    [Fact]
    public async Task Produce_is_advertised_from_0_on_but_answered_only_from_3_on()
    {
        await using var connections = new TestConnections(TestConnections.Options, new ProduceHandler(null!, null!, null!, TimeProvider.System));
        TestClient client = connections.Connect(out Task served);
        ApiVersionsResponse versions = await client.AskAsync<ApiVersionsRequest, ApiVersionsResponse>(new ApiVersionsRequest(), 0);
        Assert.Equal([(0, 0, 13), (18, 0, 4)], versions.ApiKeys.Select(api => ((int)api.ApiKey, (int)api.MinVersion, (int)api.MaxVersion)));
        await client.SendAsync(TestClient.Frame(0, 2, 1, []));
        Assert.Null(await client.ReceiveAsync());
        Assert.Contains("versions 3 to 13, not in 2", await connections.ReasonAsync(served), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a c", "1")]
    [InlineData("", "1")]
    [InlineData("-a", "1")]
    [InlineData("a", "1.")]
    [InlineData("a\n", "1")]
    public async Task Software_that_names_itself_strangely_is_refused(string name, string version)
    {
        await using var connections = new TestConnections(TestConnections.Options);
        ApiVersionsResponse versions = await connections.Connect().AskAsync<ApiVersionsRequest, ApiVersionsResponse>(Request(name, version), 3);
        Assert.Equal((ErrorCode.InvalidRequest, 0), (versions.ErrorCode, versions.ApiKeys.Length));
    }

    [Fact]
    public async Task Features_that_may_be_off_are_named_from_version_4_on()
    {
        await using var connections = new TestConnections(TestConnections.Options);
        TestClient client = connections.Connect();
        ApiVersionsResponse old = await client.AskAsync<ApiVersionsRequest, ApiVersionsResponse>(Request("a", "1"), 3, 1);
        ApiVersionsResponse current = await client.AskAsync<ApiVersionsRequest, ApiVersionsResponse>(Request("a", "1"), 4, 2);
        Assert.Empty(old.SupportedFeatures);
        Assert.Equal("transaction.version", Assert.Single(old.FinalizedFeatures).Name);
        Assert.Equal((0, 2), ((int)current.SupportedFeatures[0].MinVersion, (int)current.SupportedFeatures[0].MaxVersion));
        Assert.Equal((2, 2), ((int)current.FinalizedFeatures[0].MinVersionLevel, (int)current.FinalizedFeatures[0].MaxVersionLevel));
        Assert.Equal(1, current.FinalizedFeaturesEpoch);
    }

    [Fact]
    public async Task Sasl_is_known_but_there_is_none()
    {
        await using var connections = new TestConnections(TestConnections.Options, new SaslHandshakeHandler(), new SaslAuthenticateHandler());
        TestClient client = connections.Connect();

        // As Kafka 4.2 answers on a listener without authentication.
        await client.SendAsync(new SaslHandshakeRequest { Mechanism = "PLAIN" }, 1, 7);
        Assert.Equal("00000007" + "0022" + "00000000", Convert.ToHexString((await client.ReceiveAsync())!));
        SaslAuthenticateResponse authenticate = await client.AskAsync<SaslAuthenticateRequest, SaslAuthenticateResponse>(new SaslAuthenticateRequest(), 2);
        Assert.Equal(ErrorCode.IllegalSaslState, authenticate.ErrorCode);
    }

    private static ApiVersionsRequest Request(string name, string version) => new() { ClientSoftwareName = name, ClientSoftwareVersion = version };
}
