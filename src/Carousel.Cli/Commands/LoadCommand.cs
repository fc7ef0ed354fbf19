using System.CommandLine;
using Carousel.Cli.Loading;
using Carousel.Cli.Up;

namespace Carousel.Cli.Commands;

internal static class LoadCommand
{
    public static Command Create()
    {
        var feed = new FeedOptions();
        var gateway = new UriOption("--gateway", "the gateway", "http://127.0.0.1:8080");
        var concurrency = new Option<int>("--concurrency") { Description = "requests at the same time", DefaultValueFactory = _ => 64 };
        var batch = new Option<int>("--batch") { Description = "orders per POST /orders/batch; 0 posts them one by one", DefaultValueFactory = _ => 0 };
        var giveUp = new Option<int>("--give-up") { Description = "seconds after which an order isn't tried again", DefaultValueFactory = _ => 120 };
        var command = new Command("load", "Post orders to a gateway: real ones of a file, or generated ones") { gateway, concurrency, batch, giveUp };
        feed.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            Feed orders = feed.Read(parsed) ?? throw new UsageException("Say what to post: --retail FILE or --orders N.");
            var options = new OrderPosterOptions
            {
                Gateway = parsed.GetValue(gateway),
                ApiKey = Environment.GetEnvironmentVariable("CAROUSEL_API_KEY"),
                Concurrency = parsed.GetValue(concurrency),
                BatchSize = parsed.GetValue(batch),
                GiveUpAfter = TimeSpan.FromSeconds(parsed.GetValue(giveUp)),
            };
            PostingResult result = await Posting.RunAsync(orders, options, cancellationToken);
            await Console.Out.WriteLineAsync(PostingText.Of(result));
            return result.GivenUp == 0 ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }
}
