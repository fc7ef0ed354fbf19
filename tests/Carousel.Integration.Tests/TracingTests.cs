using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Carousel.Cli.Loading;
using Carousel.Testing;
using Carousel.Testing.Pipeline;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Carousel.Integration.Tests;

/// <summary>One order is one trace, from the client's POST to the charge, whatever topics lie between.</summary>
[OnEveryBroker]
public sealed class TracingTests
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";

    [Fact]
    public async Task A_trace_that_the_client_began_goes_through_every_service_to_the_payment_call()
    {
        string kafka = TestKafka.RequireOrSkip().BootstrapServers;
        await using var collector = await Collector.StartAsync();
        await using var pipeline = new TestPipeline(kafka, TestKafka.UniquePrefix(), new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
        });
        await pipeline.StartAsync(new SeedData([new SeedCustomer("cust-1", SeedCustomer.Active)], [new SeedStock("sku-1", 10)]));
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{pipeline.GatewayUrl}/orders")
        {
            Content = new StringContent(
                """{"customerId":"cust-1","currency":"GBP","paymentToken":"tok_1","lines":[{"sku":"sku-1","quantity":1,"unitPrice":"2.50"}]}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("traceparent", $"00-{TraceId}-b7ad6b7169203331-01");
        using HttpResponseMessage answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        await pipeline.EndBalancedAsync();

        // The payment call is a span of fulfillment's HTTP client, and its route is in no other span.
        foreach ((string service, string span) in ((string, string)[])
            [("carousel-gateway", "/orders"), ("carousel-validation", "validation"), ("carousel-validation", "settlement"), ("carousel-fulfillment", "fulfillment"), ("carousel-fulfillment", "/v1/charges")])
        {
            await Eventually.TrueAsync($"{service} has exported a span with {span} in the client's trace", () => collector.Has(service, span, TraceId), has => has, TimeSpan.FromSeconds(20));
        }
    }

    /// <summary>Takes OTLP over HTTP and keeps the bodies. They are protobuf, in which ids stand as their bytes and texts as UTF-8.</summary>
    private sealed class Collector : IAsyncDisposable
    {
        private readonly WebApplication _app;
        private readonly ConcurrentBag<byte[]> _bodies = [];

        private Collector(WebApplication app) => _app = app;

        public string Url => _app.Urls.Single();

        public static async Task<Collector> StartAsync()
        {
            WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var collector = new Collector(builder.Build());
            collector._app.MapPost("/v1/traces", async (HttpRequest body) =>
            {
                using var bytes = new MemoryStream();
                await body.Body.CopyToAsync(bytes);
                collector._bodies.Add(bytes.ToArray());
            });
            collector._app.MapPost("/v1/metrics", () => Results.Ok());
            await collector._app.StartAsync();
            return collector;
        }

        public bool Has(string service, string span, string traceId)
        {
            byte[][] wanted = [Encoding.UTF8.GetBytes(service), Encoding.UTF8.GetBytes(span), Convert.FromHexString(traceId)];
            return _bodies.Any(body => wanted.All(bytes => body.AsSpan().IndexOf(bytes) >= 0));
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();
    }
}
