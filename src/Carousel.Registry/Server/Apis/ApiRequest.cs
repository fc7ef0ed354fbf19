using System.Globalization;
using System.Text.Json;
using Carousel.Registry.Server.Catalog;
using Microsoft.AspNetCore.Http;

namespace Carousel.Registry.Server.Apis;

/// <summary>A request as the handlers see it: parts of the path, flags of the query, a body of JSON.</summary>
internal readonly struct ApiRequest(HttpContext context, int bodyBytesMax)
{
    // A request's own JSON is flat; the schema inside is a string with limits of its own.
    private static readonly JsonSerializerOptions BodyOptions = new() { MaxDepth = 16 };

    public CancellationToken Aborted => context.RequestAborted;

    public string Subject => PathPart("subject");

    public VersionSelector Version => VersionSelector.Parse(PathPart("version"));

    /// <summary>A schema id; 40403 when it isn't a number.</summary>
    public int Id
    {
        get
        {
            var text = PathPart("id");
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : throw RegistryException.SchemaNotFound(text);
        }
    }

    public string Text(string name)
    {
        return context.Request.Query[name].ToString();
    }

    public bool Flag(string name)
    {
        var text = Text(name);
        if (text.Length == 0)
        {
            return false;
        }

        return bool.TryParse(text, out var value)
            ? value
            : throw new RegistryException(400, 400, $"The query parameter {name}='{text}' must be true or false.");
    }

    public int Number(string name, int otherwise)
    {
        var text = Text(name);
        if (text.Length == 0)
        {
            return otherwise;
        }

        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new RegistryException(400, 400, $"The query parameter {name}='{text}' must be a whole number.");
    }

    public async Task<T> ReadBodyAsync<T>()
        where T : class
    {
        var body = await ReadBoundedAsync();
        try
        {
            return JsonSerializer.Deserialize<T>(body.GetBuffer().AsSpan(0, (int)body.Length), BodyOptions)
                ?? throw new RegistryException(422, 422, "The request has no body; send a JSON object.");
        }
        catch (JsonException exception)
        {
            throw new RegistryException(400, 400, $"The request's body isn't the JSON object that belongs here: {exception.Message}");
        }
    }

    private async Task<MemoryStream> ReadBoundedAsync()
    {
        var body = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int count;
        while ((count = await context.Request.Body.ReadAsync(chunk, context.RequestAborted)) > 0)
        {
            body.Write(chunk, 0, count);
            if (body.Length > bodyBytesMax)
            {
                // A client that is still sending sees a broken connection instead of the answer, so the rest is read and dropped,
                // as far as the server's own limit lets it.
                await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
                throw new RegistryException(413, 413,
                    $"The request's body is too large: a schema has to fit into one Kafka record, so this registry takes {bodyBytesMax} bytes.");
            }
        }

        return body;
    }

    // Routing leaves an encoded slash as it is, because it would change the path; in a subject's name it is just a character.
    private string PathPart(string name)
    {
        return ((string)context.Request.RouteValues[name]!).Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
    }
}
