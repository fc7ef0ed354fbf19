namespace Carousel.Cli.Loading;

/// <summary>An order ready to be sent.</summary>
/// <param name="Planned">When it was to be sent, as a timestamp of the clock; 0 means whenever somebody gets to it.</param>
internal readonly record struct PreparedOrder(string IdempotencyKey, byte[] Json, long Planned);
