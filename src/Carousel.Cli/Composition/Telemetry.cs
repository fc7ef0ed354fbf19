using Carousel.Stages;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Carousel.Cli.Composition;

/// <summary>
/// Exports traces and metrics by OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set, as OpenTelemetry's own variables say; else costs nothing.
/// One order is one trace: the gateway's request, each stage's span by the records' <c>traceparent</c>, the payment call.
/// </summary>
internal static class Telemetry
{
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static IDisposable Start(string service)
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(EndpointVariable)))
        {
            return new Exporters(null, null);
        }

        ResourceBuilder resource = ResourceBuilder.CreateDefault().AddService($"carousel-{service}", "carousel");
        TracerProvider traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .AddAspNetCoreInstrumentation()
            .AddHttpClientInstrumentation()
            .AddSource("Carousel.*")
            .AddSource(Stage.ActivitySourceName)
            .AddOtlpExporter()
            .Build();
        MeterProvider meters = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddAspNetCoreInstrumentation()
            .AddHttpClientInstrumentation()
            .AddMeter("Carousel.*")
            .AddOtlpExporter()
            .Build();
        return new Exporters(traces, meters);
    }

    private sealed record Exporters(TracerProvider? Traces, MeterProvider? Meters) : IDisposable
    {
        public void Dispose()
        {
            Traces?.Dispose();
            Meters?.Dispose();
        }
    }
}
