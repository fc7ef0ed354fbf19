using Carousel.Wire;

namespace Carousel.Broker.Hosting;

/// <summary>Awaits answers and sends them, one at a time, by whichever loop has the turn.</summary>
internal sealed class AnswerWriter(AnswerOutput output, ConnectionProgress progress, ConnectionServices services)
{
    /// <summary>Small answers that are ready together go together, up to so many bytes.</summary>
    private const int GatheredBytesMax = 16 * 1024;

    private readonly ResponseBuffer _responses = new();

    /// <summary>Awaits one answer and sends it; gives back in any case what the request held.</summary>
    /// <param name="isLast">Whether to send it off at once: nothing is known to follow.</param>
    /// <exception cref="CloseConnectionException">The client doesn't read any more, or the handler wants the connection closed.</exception>
    public async ValueTask WriteAsync(PendingAnswer pending, bool isLast, CancellationToken cancellationToken)
    {
        try
        {
            if (await pending.Answer is { } message)
            {
                cancellationToken.ThrowIfCancellationRequested();
                _responses.Write(pending.Context.Header.CorrelationId, pending.Handler.Api, pending.Context.ApiVersion, message);
            }

            // What the answer refers to is given back below, so it can't wait for the next one.
            if (isLast || _responses.HasReferences || _responses.Length > GatheredBytesMax)
            {
                await SendAsync(cancellationToken);
            }

            services.Metrics.Answered(pending.Handler.Api.Key, services.Time.GetElapsedTime(pending.Started));
        }
        finally
        {
            pending.Context.Release();
        }
    }

    private async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        if (_responses.Length == 0)
        {
            return;
        }

        try
        {
            services.Metrics.Sent(_responses.Length);
            if (!await output.SendAsync(_responses, progress, cancellationToken))
            {
                throw new CloseConnectionException(new CloseReason(CloseCause.ClientBroke, "the client went away before its answer"));
            }
        }
        finally
        {
            progress.Taken();
            _responses.Clear();
        }
    }
}
