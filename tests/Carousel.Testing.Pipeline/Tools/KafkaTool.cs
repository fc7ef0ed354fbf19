using System.Diagnostics;
using Xunit;

namespace Carousel.Testing.Pipeline.Tools;

/// <summary>Kafka's own command-line tools, from the folder that also starts Apache Kafka.</summary>
internal static class KafkaTool
{
    /// <summary>Runs a tool to its end, and sees to it that it ended well; skips the test where Kafka's tools aren't installed.</summary>
    /// <returns>Its lines.</returns>
    public static Task<string[]> RunAsync(string tool, params string[] arguments) => RunAsync(tool, null, arguments);

    /// <inheritdoc cref="RunAsync(string, string[])"/>
    /// <param name="input">Given to it on standard input.</param>
    public static async Task<string[]> RunAsync(string tool, string? input, string[] arguments)
    {
        ProcessStartInfo start = StartOrSkip(tool, arguments);
        string output = await KafkaJava.RunAsync(start, () => ToolProcess.RunAsync(start, input));
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    /// <summary>How the tool is started, for who wants to see it while it runs.</summary>
    public static ProcessStartInfo StartOrSkip(string tool, params string[] arguments)
    {
        string? home = Environment.GetEnvironmentVariable(KafkaProcess.HomeVariable);
        Assert.SkipWhen(string.IsNullOrEmpty(home), $"Needs Kafka's tools: set {KafkaProcess.HomeVariable} to the folder with its tool script.");
        var start = new ProcessStartInfo(Path.Combine(home!, "tool"))
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, ArgumentList = { tool },
        };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        KafkaJava.Configure(start);
        return start;
    }
}
