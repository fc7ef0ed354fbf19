namespace Carousel.Cli.Loading;

/// <summary>A file can't be used; the message names it with line and column, and says what is wanted.</summary>
internal sealed class LoadingException(string message, Exception? innerException = null) : Exception(message, innerException);
