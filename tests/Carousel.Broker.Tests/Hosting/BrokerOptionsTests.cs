using System.ComponentModel.DataAnnotations;
using Carousel.Broker.Hosting;

namespace Carousel.Broker.Tests.Hosting;

public sealed class BrokerOptionsTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.1.2.3")]
    [InlineData("::1")]
    [InlineData("localhost")]
    public void It_listens_on_loopback(string address) => Assert.Empty(Problems(options => options.ListenAddress = address));

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("192.168.1.10")]
    [InlineData("example.com")]
    [InlineData("")]
    public void Any_other_address_is_refused(string address) => Assert.NotEmpty(Problems(options => options.ListenAddress = address));

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1:9092")]
    [InlineData("::1", "[::1]:9092")]
    public void An_address_is_written_as_clients_take_it(string host, string expected) => Assert.Equal(expected, BrokerOptions.Endpoint(host, 9092));

    [Fact]
    public void The_reason_says_why_and_what_to_use_instead()
    {
        string problem = Assert.Single(Problems(options => options.ListenAddress = "0.0.0.0"));
        Assert.Contains("neither TLS nor SASL", problem, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_that_would_never_fit_into_the_memory_is_refused_at_the_start() =>
        Assert.Contains("would never fit", Assert.Single(Problems(options => options.RequestMemoryBytesMax = 100 << 20)), StringComparison.Ordinal);

    private static string[] Problems(Action<BrokerOptions> change)
    {
        var options = new BrokerOptions { DataDirectory = "data" };
        change(options);
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        return [.. results.Select(result => result.ErrorMessage!)];
    }
}
