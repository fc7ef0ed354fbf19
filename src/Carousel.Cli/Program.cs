using Carousel.Cli;

// The HTTP client rents a buffer per waiting call, and the shared pool keeps 32 of a size: with thousands of payments in flight the rest would be
// allocated anew each time. The pool reads the variable once, when it is first used, so it is set before anything else.
const string ArraysPerPartition = "DOTNET_SYSTEM_BUFFERS_SHAREDARRAYPOOL_MAXARRAYSPERPARTITION";
if (Environment.GetEnvironmentVariable(ArraysPerPartition) is null)
{
    Environment.SetEnvironmentVariable(ArraysPerPartition, "4096");
}

return await CarouselCommandLine.RunAsync(args);
