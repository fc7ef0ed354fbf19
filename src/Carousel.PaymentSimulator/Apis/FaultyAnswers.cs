using Carousel.PaymentSimulator.Faults;
using Microsoft.AspNetCore.Http;

namespace Carousel.PaymentSimulator.Apis;

/// <summary>Carries out faults on a request: error answers, resets, and never answering.</summary>
internal sealed class FaultyAnswers(FaultState faults, TimeSpan hangMax, TimeProvider time, CancellationToken stopping)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>Nothing was executed and nothing will be.</summary>
    public async Task TurnAwayAsync(HttpContext context, DoorFault fault)
    {
        switch (fault)
        {
            case DoorFault.RateLimited:
                await Problem.RateLimited.WriteAsync(context, "Nothing was executed; try again later.", RetryAfter);
                break;
            case DoorFault.Unavailable:
                await Problem.Unavailable.WriteAsync(context, "Nothing was executed; try again later.", faults.CurrentOutage?.Left ?? RetryAfter);
                break;
            case DoorFault.Error:
                await Problem.Failed.WriteAsync(context, "The provider failed.");
                break;
            case DoorFault.Hang:
                await HangAsync(context, faults.CurrentOutage?.Over ?? CancellationToken.None);
                break;
            default:
                context.Abort();
                break;
        }
    }

    /// <summary>The charge is on disk and its answer is lost.</summary>
    public async Task LoseAsync(HttpContext context, AnswerFault fault)
    {
        switch (fault)
        {
            case AnswerFault.Timeout:
                await HangAsync(context, CancellationToken.None);
                break;
            case AnswerFault.Error:
                await Problem.Failed.WriteAsync(context, "The provider failed.");
                break;
            default:
                context.Abort();
                break;
        }
    }

    private async Task HangAsync(HttpContext context, CancellationToken until)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping, until);
        await Task.Delay(hangMax, time, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        context.Abort();
    }
}
