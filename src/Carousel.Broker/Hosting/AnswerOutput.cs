using System.IO.Pipelines;
using System.Net.Sockets;

namespace Carousel.Broker.Hosting;

/// <summary>Where answers go. Sending goes piece by piece, so that a client that takes nothing is noticed, and no more than a piece is on its way to it.</summary>
internal abstract class AnswerOutput
{
    /// <summary>Completes when everything was handed over.</summary>
    /// <returns>False when nobody reads any more.</returns>
    public abstract ValueTask<bool> SendAsync(ResponseBuffer responses, ConnectionProgress progress, CancellationToken cancellationToken);

    /// <summary>The pieces of a part, so that each takes the client a bounded time.</summary>
    protected static IEnumerable<ReadOnlyMemory<byte>> Pieces(ReadOnlyMemory<byte> part, int bytesMax)
    {
        for (int sent = 0; sent < part.Length; sent += bytesMax)
        {
            yield return part.Slice(sent, Math.Min(bytesMax, part.Length - sent));
        }
    }
}

/// <summary>Copies answers into a pipe, which sends them on.</summary>
internal sealed class PipeAnswerOutput(PipeWriter output) : AnswerOutput
{
    private const int PieceBytesMax = 64 * 1024;

    public override async ValueTask<bool> SendAsync(ResponseBuffer responses, ConnectionProgress progress, CancellationToken cancellationToken)
    {
        foreach (ReadOnlyMemory<byte> piece in responses.Parts.SelectMany(part => Pieces(part, PieceBytesMax)))
        {
            progress.WaitUntilTaken();
            if ((await output.WriteAsync(piece, cancellationToken)).IsCompleted)
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>
/// Sends answers from where they lie, past the pipe in front of the socket: fetched records are copied once less, and no other thread has to be woken for
/// them. Nothing else may write to that pipe.
/// </summary>
internal sealed class SocketAnswerOutput(Socket socket) : AnswerOutput
{
    private const int PieceBytesMax = 1024 * 1024;

    public override async ValueTask<bool> SendAsync(ResponseBuffer responses, ConnectionProgress progress, CancellationToken cancellationToken)
    {
        foreach (ReadOnlyMemory<byte> piece in responses.Parts.SelectMany(part => Pieces(part, PieceBytesMax)))
        {
            progress.WaitUntilTaken();
            try
            {
                await socket.SendAsync(piece, SocketFlags.None, cancellationToken);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return false;
            }
        }

        return true;
    }
}
