using System.IO.Pipelines;
using Carousel.Wire;

namespace Carousel.Broker.Hosting;

/// <summary>Awaits answers and sends them, one at a time, by whichever loop has the turn.</summary>
internal sealed class AnswerWriter(PipeWriter output, ConnectionProgress progress, ConnectionServices services)
{
    private readonly ResponseBuffer _response = new();

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
                _response.Write(pending.Context.Header.CorrelationId, pending.Handler.Api, pending.Context.ApiVersion, message);
                await SendAsync(isLast, cancellationToken);
            }

            services.Metrics.Answered(pending.Handler.Api.Key, services.Time.GetElapsedTime(pending.Started));
        }
        finally
        {
            pending.Context.Release();
        }
    }

    private async ValueTask SendAsync(bool isLast, CancellationToken cancellationToken)
    {
        try
        {
            services.Metrics.Sent(_response.Length);
            bool isRead = await _response.SendAsync(output, progress, cancellationToken);
            if (isRead && isLast)
            {
                progress.WaitUntilTaken();
                isRead = !(await output.FlushAsync(cancellationToken)).IsCompleted;
            }

            if (!isRead)
            {
                throw new CloseConnectionException(new CloseReason(CloseCause.ClientBroke, "the client went away before its answer"));
            }
        }
        finally
        {
            progress.Taken();
            _response.Clear();
        }
    }
}
