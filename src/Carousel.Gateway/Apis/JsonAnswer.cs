using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Carousel.Gateway.Problems;

namespace Carousel.Gateway.Apis;

/// <summary>Writes answers through generated serializers.</summary>
internal static class JsonAnswer
{
    public static Task WriteAsync(HttpContext context, Problem problem)
    {
        if (problem.RetryAfterSeconds is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds;
        }

        if (problem.Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return WriteAsync(context, problem.Status, ProblemAnswer.Of(problem), AnswerJson.Default.ProblemAnswer, "application/problem+json");
    }

    public static async Task WriteAsync<T>(HttpContext context, int status, T answer, JsonTypeInfo<T> type, string contentType = "application/json")
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(answer, type);
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = json.Length;
        await context.Response.BodyWriter.WriteAsync(json, context.RequestAborted);
    }
}
