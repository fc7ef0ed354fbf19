namespace Carousel.Broker.Groups;

/// <summary>Makes member ids as Kafka does: the client's or instance's own id, for people, and a UUID, so that no two are ever the same.</summary>
internal static class MemberIds
{
    /// <summary>Enough for every id that a person gave. A member id must fit a string of the protocol, and is kept in many places.</summary>
    private const int PrefixCharsMax = 255;

    public static string Create(string prefix)
    {
        int length = Math.Min(prefix.Length, PrefixCharsMax);
        if (length < prefix.Length && char.IsHighSurrogate(prefix[length - 1]))
        {
            length--;
        }

        return $"{prefix.AsSpan(0, length)}-{Guid.NewGuid():D}";
    }
}
