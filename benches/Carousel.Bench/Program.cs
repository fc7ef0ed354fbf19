using System.CommandLine;
using Carousel.Bench;

return await new RootCommand("Measures Carousel; see benches/README.md for what the figures mean") { PipelineBenchCommand.Create(), StagesBenchCommand.Create(), BrokerBenchCommand.Create() }
    .Parse(args).InvokeAsync();
