using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Carousel.Stages.Engine;

/// <summary>One consumer span per record, child of the span that the record's <c>traceparent</c> names (OpenTelemetry messaging conventions).</summary>
internal static class StageTracing
{
    public const string SourceName = "Carousel.Stages";
    private static readonly ActivitySource Source = new(SourceName);

    public static Activity? Start(string stage, SourceRecord record)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        string? parent = record.HeaderValue("traceparent") is { } bytes ? Encoding.ASCII.GetString(bytes) : null;
        string? state = record.HeaderValue("tracestate") is { } stateBytes ? Encoding.ASCII.GetString(stateBytes) : null;
        _ = ActivityContext.TryParse(parent, state, isRemote: true, out ActivityContext context);
        Activity? activity = Source.StartActivity($"{stage} {record.Partition.Topic}", ActivityKind.Consumer, context);
        activity?.SetTag("messaging.system", "kafka");
        activity?.SetTag("messaging.operation.type", "process");
        activity?.SetTag("messaging.destination.name", record.Partition.Topic);
        activity?.SetTag("messaging.destination.partition.id", record.Partition.Partition.ToString(CultureInfo.InvariantCulture));
        activity?.SetTag("messaging.kafka.offset", record.Offset);
        return activity;
    }
}
