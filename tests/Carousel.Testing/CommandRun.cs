using System.Diagnostics;

namespace Carousel.Testing;

/// <summary>The command run to its end: what a person sees of it.</summary>
public sealed record CommandRun(int ExitCode, string Output, string Error)
{
    public IReadOnlyList<string> ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <param name="directory">Where it's run: what it makes without being told a place is made there.</param>
    public static Task<CommandRun> OfAsync(string directory, params string[] arguments) => OfAsync(directory, TimeSpan.FromMinutes(2), new Dictionary<string, string>(), arguments);

    /// <inheritdoc cref="OfAsync(string, string[])"/>
    public static async Task<CommandRun> OfAsync(string directory, TimeSpan timeout, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory };
        start.ArgumentList.Add(CarouselCommand.Path);
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WithinAsync($"carousel {string.Join(' ', arguments)} ends", timeout);
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return new CommandRun(process.ExitCode, await output, await error);
    }
}
