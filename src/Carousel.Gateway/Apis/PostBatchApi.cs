using System.Text.Json;
using System.Threading.Channels;
using Carousel.Gateway.Intake;
using Carousel.Gateway.Problems;
using Carousel.Gateway.Security;
using Carousel.Gateway.Status;
using Carousel.Orders;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Carousel.Gateway.Apis;

/// <summary>
/// <c>POST /orders/batch</c>: orders as lines of JSON in, one line of result each out, in the order of the input. One loop reads lines and begins them,
/// another waits for them in turn and writes; a bounded channel between them holds up the reading, so memory doesn't grow with the batch.
/// </summary>
internal sealed partial class PostBatchApi(OrderIntake intake, GatewayOptions options, GatewayMetrics metrics, ILogger<PostBatchApi> logger)
{
    private int _streams;

    public async Task HandleAsync(HttpContext context)
    {
        if (!MediaTypes.IsNdjson(context.Request))
        {
            await JsonAnswer.WriteAsync(context, Problem.UnsupportedMediaType(MediaTypes.Ndjson));
            return;
        }

        try
        {
            if (Interlocked.Increment(ref _streams) > options.BatchStreamsMax)
            {
                await JsonAnswer.WriteAsync(context, Problem.Overloaded("Too many batches are running."));
                return;
            }

            PrepareStream(context);
            await RunAsync(context);
        }
        finally
        {
            Interlocked.Decrement(ref _streams);
        }
    }

    /// <summary>A batch has no size limit, since it is read no faster than its orders are written, and may pause between orders.</summary>
    private static void PrepareStream(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        context.Response.ContentType = MediaTypes.Ndjson;
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    private async Task RunAsync(HttpContext context)
    {
        var begun = Channel.CreateBounded<BegunLine>(new BoundedChannelOptions(options.BatchOrdersInFlightMax) { SingleReader = true, SingleWriter = true });
        using var bytes = new InFlightBytes(options.BatchBytesInFlightMax);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        Task writing = WriteAsync(context, begun.Reader, bytes, ended);
        try
        {
            await ReadAsync(context, begun.Writer, bytes, ended.Token);
        }
        catch (OperationCanceledException) when (writing.IsFaulted)
        {
            // The writer's own exception follows and says more.
        }
        catch (BadHttpRequestException e)
        {
            // The body broke off; the orders before that are answered, and the stream then ends without its proper end.
            LogBroken(e.StatusCode);
            begun.Writer.TryComplete();
            await writing;
            context.Abort();
            return;
        }
        finally
        {
            begun.Writer.TryComplete();
        }

        await writing;
    }

    private async Task ReadAsync(HttpContext context, ChannelWriter<BegunLine> begun, InFlightBytes bytes, CancellationToken cancellationToken)
    {
        Client client = context.Features.GetRequiredFeature<Client>();
        var lines = new NdjsonLines(context.Request.BodyReader, options.BatchLineBytesMax);
        for (long number = 1; await lines.NextAsync(cancellationToken) is { } line; number++)
        {
            if (line.TooLong)
            {
                metrics.Refused("body-too-large");
                Task<AcceptResult> refused = Task.FromResult(AcceptResult.Refused(Problem.LineTooLong(options.BatchLineBytesMax)));
                await begun.WriteAsync(new BegunLine(number, 0, refused), cancellationToken);
                continue;
            }

            if (line.Text.Span.TrimEnd((byte)'\r').Trim(" \t"u8).IsEmpty)
            {
                continue;
            }

            if (client.Limit is { } limit)
            {
                await limit.TakeAsync(cancellationToken);
            }

            await bytes.TakeAsync(line.Text.Length, cancellationToken);
            Task<AcceptResult> accepting = intake.AcceptAsync(client, line.Text.Span, idempotencyKey: null, allowKeyInBody: true);
            await begun.WriteAsync(new BegunLine(number, line.Text.Length, accepting), cancellationToken);
        }
    }

    private async Task WriteAsync(HttpContext context, ChannelReader<BegunLine> begun, InFlightBytes bytes, CancellationTokenSource ended)
    {
        try
        {
            await context.Response.StartAsync(ended.Token);
            while (await begun.WaitToReadAsync(ended.Token))
            {
                while (begun.TryRead(out BegunLine line))
                {
                    if (!line.Accepting.IsCompleted)
                    {
                        // What is ready goes out before anything is waited for.
                        await context.Response.BodyWriter.FlushAsync(ended.Token);
                    }

                    BatchLineAnswer answer = await AnswerAsync(line);
                    bytes.Release(line.Bytes);
                    Write(context, answer);
                    if (context.Response.BodyWriter is { CanGetUnflushedBytes: true, UnflushedBytes: > 16_384 })
                    {
                        await context.Response.BodyWriter.FlushAsync(ended.Token);
                    }
                }

                await context.Response.BodyWriter.FlushAsync(ended.Token);
            }
        }
        finally
        {
            // Nobody reads results any more, so no further line is begun.
            await ended.CancelAsync();
        }
    }

    private async Task<BatchLineAnswer> AnswerAsync(BegunLine line)
    {
        try
        {
            AcceptResult result = await line.Accepting;
            return result.Problem is { } problem
                ? new BatchLineAnswer(line.Number, problem.Status, problem.OrderId, null, ProblemAnswer.Of(problem))
                : new BatchLineAnswer(line.Number, StatusCodes.Status202Accepted, result.OrderId.ToString(), result.Status.Name(), null);
        }
        catch (Exception e)
        {
            // One order's fault is that order's answer; the others go on.
            LogFailed(e, line.Number);
            Problem problem = Problem.ForStatus(StatusCodes.Status500InternalServerError, "POST", options.BodyBytesMax);
            return new BatchLineAnswer(line.Number, problem.Status, null, null, ProblemAnswer.Of(problem));
        }
    }

    private static void Write(HttpContext context, BatchLineAnswer answer)
    {
        using (var json = new Utf8JsonWriter(context.Response.BodyWriter))
        {
            JsonSerializer.Serialize(json, answer, AnswerJson.Default.BatchLineAnswer);
        }

        context.Response.BodyWriter.GetSpan(1)[0] = (byte)'\n';
        context.Response.BodyWriter.Advance(1);
    }

    private readonly record struct BegunLine(long Number, int Bytes, Task<AcceptResult> Accepting);
}
