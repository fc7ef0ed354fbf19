using System.CommandLine;
using Carousel.Cli.Composition;
using Carousel.Cli.Configuration;

namespace Carousel.Cli.Commands;

internal static class TopicsCommand
{
    public static Command Create()
    {
        var command = new Command("topics", "Create the topics that are missing and check those that are there")
        {
            SettingOption.Kafka(),
            SettingOption.TopicPrefix(),
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            CarouselSettings settings = SettingsLoader.Load(parsed);
            IReadOnlyList<string> created = await PipelineServices.EnsureTopicsAsync(settings, cancellationToken);
            string names = string.Join(", ", TopicSet.Of(settings.Topics).Select(topic => topic.Name));
            await Console.Out.WriteLineAsync(created.Count > 0 ? $"Created {string.Join(", ", created)}." : "Nothing was missing.");
            await Console.Out.WriteLineAsync($"All as they have to be: {names}.");
            return ExitCodes.Done;
        });
        return command;
    }
}
