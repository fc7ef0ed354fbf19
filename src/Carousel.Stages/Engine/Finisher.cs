using System.Diagnostics;
using System.Text;

namespace Carousel.Stages.Engine;

/// <summary>Turns what a handler said into what the commit loop writes: outputs with their trace context, or a dead letter.</summary>
internal sealed class Finisher(IDeadLetterWriter deadLetters, StageMetrics metrics, FinishedSlots finished, TimeProvider time)
{
    private const string TraceParent = "traceparent";
    private const string TraceState = "tracestate";

    public void Complete(RecordSlot slot, Outcome.Completed completed, Activity? activity)
    {
        metrics.OnCompleted(slot.Record.Partition.Topic);
        Finish(slot, completed.Outputs, activity);
    }

    /// <exception cref="DependencyUnavailableException">The dead letter can't be written now; the record waits.</exception>
    public async ValueTask DeadLetterAsync(RecordSlot slot, Outcome.DeadLettered outcome, int attempts, Activity? activity, CancellationToken cancellationToken)
    {
        DateTime failedAt = outcome.FailedAt ?? time.GetUtcNow().UtcDateTime;
        OutputRecord letter = await deadLetters.WriteAsync(slot.Record, outcome, attempts, failedAt, cancellationToken);
        metrics.OnDeadLettered(slot.Record.Partition.Topic, outcome.Kind, outcome.Reason);
        activity?.SetStatus(ActivityStatusCode.Error, outcome.Reason);
        Finish(slot, [letter], activity);
    }

    private void Finish(RecordSlot slot, IReadOnlyList<OutputRecord> outputs, Activity? activity)
    {
        slot.Finish(WithTrace(outputs, slot.Record, activity));
        finished.Add(slot);
    }

    /// <summary>The trace goes on in the outputs: under this stage's span where one is recorded, else under the source's (W3C Trace Context).</summary>
    private static IReadOnlyList<OutputRecord> WithTrace(IReadOnlyList<OutputRecord> outputs, SourceRecord source, Activity? activity)
    {
        byte[]? parent = activity?.Id is { } id ? Encoding.ASCII.GetBytes(id) : source.HeaderValue(TraceParent);
        if (outputs.Count == 0 || parent is null)
        {
            return outputs;
        }

        byte[]? state = source.HeaderValue(TraceState);
        var traced = new OutputRecord[outputs.Count];
        for (int i = 0; i < traced.Length; i++)
        {
            traced[i] = outputs[i] with { Headers = WithTrace(outputs[i].Headers, parent, state) };
        }

        return traced;
    }

    private static List<RecordHeader> WithTrace(IReadOnlyList<RecordHeader> headers, byte[] parent, byte[]? state)
    {
        var traced = new List<RecordHeader>(headers.Count + 2);
        for (int i = 0; i < headers.Count; i++)
        {
            if (headers[i].Name is not (TraceParent or TraceState))
            {
                traced.Add(headers[i]);
            }
        }

        traced.Add(new RecordHeader(TraceParent, parent));
        if (state is not null)
        {
            traced.Add(new RecordHeader(TraceState, state));
        }

        return traced;
    }
}
