using Carousel.Testing.Proxies;
using Carousel.Wire;

namespace Carousel.Stages.Tests.EndToEnd.Proxied;

/// <summary>
/// Every third EndTxn is delivered late: its connection is reset, the client sends it again and goes on, and the first one reaches the broker when the next
/// transaction has been written in part. No clock decides when that is, but the traffic itself, so that each of them hits.
/// </summary>
internal sealed class LateEnds(int lateMax) : IKafkaTraffic
{
    private const int OneIn = 3;
    private readonly Lock _lock = new();
    private readonly List<ErrorCode> _answers = [];
    private Step _step = Step.Quiet;
    private int _ends;
    private TaskCompletionSource _isHalfWritten = new();
    private TaskCompletionSource _isAnswered = new();

    private enum Step
    {
        Quiet,
        EndIsLate,
        EndedByResend,
        NextIsWritten,
    }

    /// <summary>What the broker answered to each that was delivered: <see cref="ErrorCode.None"/> where it ended a transaction by it.</summary>
    public IReadOnlyList<ErrorCode> Answers
    {
        get
        {
            lock (_lock)
            {
                return [.. _answers];
            }
        }
    }

    public Disturbance? OnRequest(KafkaRequest request)
    {
        lock (_lock)
        {
            switch (request.Api, _step)
            {
                case (ApiKey.EndTxn, Step.Quiet) when _answers.Count < lateMax && ++_ends % OneIn == 0:
                    _step = Step.EndIsLate;
                    _isHalfWritten = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    _isAnswered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    return new Disturbance.DeliverLate(_isHalfWritten.Task);
                case (ApiKey.Produce, Step.EndedByResend):
                    _step = Step.NextIsWritten;
                    return null;
                case (ApiKey.Produce, Step.NextIsWritten):
                    return new Disturbance.HoldRequest(_isAnswered.Task);
                default:
                    return null;
            }
        }
    }

    public void OnReply(KafkaReply reply)
    {
        lock (_lock)
        {
            switch (reply.Request.Api, _step)
            {
                case (ApiKey.EndTxn, Step.EndIsLate):
                    _step = Step.EndedByResend;
                    break;
                case (ApiKey.Produce, Step.NextIsWritten):
                    _isHalfWritten.TrySetResult();
                    break;
            }
        }
    }

    public void OnLateReply(KafkaReply reply)
    {
        lock (_lock)
        {
            _answers.Add(reply.EndTxnError);
            _step = Step.Quiet;
            _isAnswered.SetResult();
        }
    }
}
