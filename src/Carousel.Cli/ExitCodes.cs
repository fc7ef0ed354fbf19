namespace Carousel.Cli;

/// <summary>What the process says to its caller.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>It failed, or the books don't balance.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the configuration is wrong.</summary>
    public const int WrongUsage = 2;
}

/// <summary>The command line or the configuration is wrong; the message is one sentence that says what to do.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>The command can't be done; the message is one sentence that says what to do.</summary>
internal sealed class CommandFailedException(string message, Exception? innerException = null) : Exception(message, innerException);
