using System.CommandLine;

namespace Carousel.Cli;

/// <summary>A flag that takes an http address.</summary>
internal sealed class UriOption : Option<Uri>
{
    public UriOption(string flag, string description, string normal)
        : base(flag)
    {
        Description = $"{description} [default: {normal}]";
        DefaultValueFactory = _ => new Uri(normal);
        CustomParser = result =>
        {
            string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps))
            {
                return uri;
            }

            result.AddError($"{flag} takes an http address such as {normal}, not '{text}'.");
            return null;
        };
    }
}
