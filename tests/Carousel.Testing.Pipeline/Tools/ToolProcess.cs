using System.Diagnostics;
using System.Text;
using Xunit;

namespace Carousel.Testing.Pipeline.Tools;

/// <summary>A client program: what goes in, what comes out, and how it ended.</summary>
internal static class ToolProcess
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(90);

    /// <summary>Runs it to its end, and sees to it that it ended well.</summary>
    /// <returns>Standard output.</returns>
    public static async Task<string> RunAsync(ProcessStartInfo start, string? input = null)
    {
        ToolResult result = await RunToAnyEndAsync(start, input);
        Assert.True(result.ExitCode == 0, $"{Describe(start)} ended with {result.ExitCode}:\n{End(result.Output)}\n{End(result.Errors)}");
        return result.Output;
    }

    /// <summary>Runs it to its end, good or bad.</summary>
    public static async Task<ToolResult> RunToAnyEndAsync(ProcessStartInfo start, string? input = null)
    {
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        (start.StandardOutputEncoding, start.StandardInputEncoding) = (Encoding.UTF8, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using var timeout = new CancellationTokenSource(Timeout);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{Describe(start)} didn't end within {Timeout.TotalSeconds} s:\n{await output}\n{await errors}");
        }

        return new ToolResult(process.ExitCode, await output, await errors);
    }

    /// <summary>The program's path, or the test is skipped where it isn't installed.</summary>
    /// <param name="package">What to install.</param>
    public static string RequireOrSkip(string program, string package)
    {
        string? found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/bin")
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(found is null, $"Needs {program} (Debian package {package}), which isn't on the PATH.");
        return found!;
    }

    /// <summary>The cause stands at the end; a dump of a log before it would hide all else.</summary>
    private static string End(string text) => text.Length <= 4_000 ? text : $"…{text[^4_000..]}";

    private static string Describe(ProcessStartInfo start) => $"{start.FileName} {string.Join(' ', start.ArgumentList)}";
}

/// <summary>How a program ended and what it printed.</summary>
internal sealed record ToolResult(int ExitCode, string Output, string Errors)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
