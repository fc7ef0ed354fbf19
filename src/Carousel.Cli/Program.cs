using Carousel.Cli;

return await CarouselCommandLine.RunAsync(args);
