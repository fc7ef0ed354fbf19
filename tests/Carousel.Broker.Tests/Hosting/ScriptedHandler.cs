using System.Threading.Channels;
using Carousel.Broker.Apis;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Hosting;

/// <summary>Lets the test answer each request by hand.</summary>
internal sealed class ScriptedHandler(Api api, bool isPipelined = false) : ApiHandler
{
    private readonly Channel<ScriptedRequest> _begun = Channel.CreateUnbounded<ScriptedRequest>();

    public override Api Api => api;

    public override bool IsPipelined => isPipelined;

    /// <summary>The requests that have begun, in order.</summary>
    public ChannelReader<ScriptedRequest> Begun => _begun.Reader;

    public override ValueTask<IMessage?> HandleAsync(ReadOnlyMemory<byte> body, RequestContext context)
    {
        var request = new ScriptedRequest(context, body);
        _begun.Writer.TryWrite(request);
        return new ValueTask<IMessage?>(request.Answer.Task.WaitAsync(context.ConnectionClosed));
    }
}

internal sealed record ScriptedRequest(RequestContext Context, ReadOnlyMemory<byte> Body)
{
    public TaskCompletionSource<IMessage?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>Answers at once, with what the test makes of the request.</summary>
internal sealed class ImmediateHandler(Api api, Func<RequestContext, IMessage?> answer) : ApiHandler
{
    public override Api Api => api;

    public override ValueTask<IMessage?> HandleAsync(ReadOnlyMemory<byte> body, RequestContext context) => ValueTask.FromResult(answer(context));
}
