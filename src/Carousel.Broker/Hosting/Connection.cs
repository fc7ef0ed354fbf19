using System.IO.Pipelines;
using System.Net.Sockets;
using System.Threading.Channels;
using Carousel.Broker.Apis;
using Carousel.Wire;

namespace Carousel.Broker.Hosting;

/// <summary>
/// One client. The request loop reads, starts and, one at a time, answers requests; those that may be pipelined it hands to the answer loop instead, and
/// reads on. Invariant: answers go out in the order of the requests, because the request loop answers only while the answer loop has nothing to do.
/// </summary>
internal sealed partial class Connection : IDisposable
{
    private readonly ConnectionServices _services;
    private readonly IDuplexPipe _transport;
    private readonly string _clientHost;
    private readonly FrameReader _frames;
    private readonly AnswerWriter _answers;
    private readonly Channel<PendingAnswer> _pipelined;
    private readonly Outstanding _outstanding = new();
    private readonly ConnectionProgress _progress;
    private readonly CancellationTokenSource _reading = new();
    private readonly CancellationTokenSource _closing;
    private CloseReason? _reason;

    /// <param name="output">Where the answers go: the transport's output, or past it.</param>
    /// <param name="clientHost">The client's address as Kafka's tools show it, such as <c>/127.0.0.1</c>.</param>
    /// <param name="clientGone">Cancelled when the client has closed its side; what it sent before is served all the same.</param>
    public Connection(ConnectionServices services, IDuplexPipe transport, AnswerOutput output, string clientHost, CancellationToken clientGone)
    {
        (_services, _transport, _clientHost) = (services, transport, clientHost);
        _closing = CancellationTokenSource.CreateLinkedTokenSource(clientGone);
        _progress = new ConnectionProgress(services.Time);
        _frames = new FrameReader(transport.Input, services.Memory, services.Limits.FrameBytesMax, _progress);
        _answers = new AnswerWriter(output, _progress, services);
        _pipelined = Channel.CreateBounded<PendingAnswer>(
            new BoundedChannelOptions(services.Limits.PipelinedMax) { SingleReader = true, SingleWriter = true });
    }

    /// <summary>For how long the client has taken nothing of an answer that is ready; zero while none is.</summary>
    public TimeSpan UntakenFor => _progress.UntakenFor;

    /// <summary>Serves the client until either side ends it; returns why.</summary>
    public async Task<CloseReason> RunAsync()
    {
        Task answering = AnswerPipelinedAsync();
        try
        {
            await ServeAsync();
            await _outstanding.NoneAsync();
            Close(CloseReason.ClientLeft);
        }
        catch (OperationCanceledException) when (_reason == CloseReason.Stopping)
        {
            // No more requests: what has begun is answered below.
        }
        catch (Exception e)
        {
            Fail(e);
        }

        _pipelined.Writer.Complete();
        await answering;
        await _transport.Input.CompleteAsync();
        await _transport.Output.CompleteAsync();
        return _reason!;
    }

    /// <summary>Takes no more requests; those that have begun are still answered.</summary>
    public void Stop()
    {
        Interlocked.CompareExchange(ref _reason, CloseReason.Stopping, null);
        _reading.Cancel();
    }

    /// <summary>Ends the connection now, whatever it is doing. The first reason stands.</summary>
    public void Close(CloseReason reason)
    {
        Interlocked.CompareExchange(ref _reason, reason, null);
        _reading.Cancel();
        _closing.Cancel();
    }

    /// <summary>Closes the connection if its client let pass too much time.</summary>
    public void CloseIfOverdue()
    {
        if (_progress.Overdue(_services.Limits) is { } reason)
        {
            Close(reason);
        }
    }

    /// <summary>Only when <see cref="RunAsync"/> has returned and nobody calls <see cref="Close"/> any more.</summary>
    public void Dispose()
    {
        _reading.Dispose();
        _closing.Dispose();
    }

    private async Task ServeAsync()
    {
        while (await _frames.ReadAsync(_reading.Token) is { } frame)
        {
            _progress.WaitForAnswer();
            _services.Metrics.Received(frame.Bytes.Length);
            ParsedRequest request = Parse(frame);
            if (request.Handler.IsPipelined)
            {
                _outstanding.Add();
                PendingAnswer pending = Begin(request, frame);
                await _pipelined.Writer.WriteAsync(pending);
                await pending.Context.InOrder;
            }
            else
            {
                await _outstanding.NoneAsync();
                await _answers.WriteAsync(Begin(request, frame), isLast: true, _closing.Token);
            }
        }
    }

    private async Task AnswerPipelinedAsync()
    {
        ChannelReader<PendingAnswer> pipelined = _pipelined.Reader;
        while (await pipelined.WaitToReadAsync())
        {
            while (pipelined.TryRead(out PendingAnswer pending))
            {
                try
                {
                    bool isFollowed = pipelined.TryPeek(out PendingAnswer next) && next.Answer.IsCompleted;
                    await _answers.WriteAsync(pending, isLast: !isFollowed, _closing.Token);
                }
                catch (Exception e)
                {
                    // The rest is still taken from the queue, to give back what it holds.
                    Fail(e);
                }

                _outstanding.Remove();
            }
        }
    }

    private ParsedRequest Parse(Frame frame)
    {
        try
        {
            return _services.Apis.Parse(frame.Bytes);
        }
        catch
        {
            frame.Dispose();
            throw;
        }
    }

    /// <summary>Starts the request. What a handler throws at once counts as its answer, so that there is one way to fail.</summary>
    private PendingAnswer Begin(ParsedRequest request, Frame frame)
    {
        var context = new RequestContext(request.Header, _clientHost, _closing.Token, frame);
        long started = _services.Time.GetTimestamp();
        ValueTask<IMessage?> answer;
        try
        {
            answer = request.Handler.HandleAsync(request.Body, context);
        }
        catch (Exception e)
        {
            answer = ValueTask.FromException<IMessage?>(e);
        }

        return new PendingAnswer(request.Handler, context, answer, started);
    }

    private void Fail(Exception e)
    {
        CloseReason reason = e switch
        {
            CloseConnectionException close => close.Reason,
            WireFormatException format => new CloseReason(CloseCause.Protocol, format.Message),
            OperationCanceledException => new CloseReason(CloseCause.ClientBroke, "the client went away before its answer"),
            IOException or SocketException => new CloseReason(CloseCause.ClientBroke, e.Message),
            _ => new CloseReason(CloseCause.Failure, $"a request failed: {e.Message}"),
        };
        if (reason.Cause == CloseCause.Failure)
        {
            LogFailure(_services.Logger, e);
        }

        Close(reason);
    }
}
