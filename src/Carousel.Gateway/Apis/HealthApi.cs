using Carousel.Gateway.OrderLog;

namespace Carousel.Gateway.Apis;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: it can take orders.</summary>
internal sealed class HealthApi(IOrderLog log, SchemaRegistration schema)
{
    public static Task LiveAsync(HttpContext context) =>
        JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, new HealthAnswer("live", null), AnswerJson.Default.HealthAnswer);

    public Task ReadyAsync(HttpContext context)
    {
        string? trouble = schema.IsDone ? log.Trouble : "The schema of orders isn't registered yet.";
        return trouble is null
            ? JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, new HealthAnswer("ready", null), AnswerJson.Default.HealthAnswer)
            : JsonAnswer.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, new HealthAnswer("not ready", trouble), AnswerJson.Default.HealthAnswer);
    }
}
