using System.IO.Pipelines;

namespace Carousel.Broker.Tests.Hosting;

/// <summary>One end of a connection without a network.</summary>
internal sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe
{
    /// <summary>Two ends that talk to each other. Each direction takes 64 KiB that aren't read, as Kestrel's do.</summary>
    public static (DuplexPipe Client, DuplexPipe Server) Pair()
    {
        var options = new PipeOptions(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024, useSynchronizationContext: false);
        var (request, response) = (new Pipe(options), new Pipe(options));
        return (new DuplexPipe(response.Reader, request.Writer), new DuplexPipe(request.Reader, response.Writer));
    }
}
