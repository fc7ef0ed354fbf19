using Carousel.Gateway.Intake;
using Carousel.Gateway.Problems;
using Carousel.Gateway.Security;
using Carousel.Gateway.Status;
using Carousel.Orders;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Carousel.Gateway.Apis;

/// <summary><c>POST /orders</c>: one order, 202 when the log has it.</summary>
internal sealed class PostOrderApi(OrderIntake intake, BodyReader bodies)
{
    public async Task HandleAsync(HttpContext context)
    {
        AcceptResult result = await AcceptAsync(context);
        if (result.Problem is { } problem)
        {
            await JsonAnswer.WriteAsync(context, problem);
            return;
        }

        string orderId = result.OrderId.ToString();
        context.Response.Headers.Location = $"/orders/{orderId}";
        await JsonAnswer.WriteAsync(
            context, StatusCodes.Status202Accepted, new OrderAccepted(orderId, result.Status.Name()), AnswerJson.Default.OrderAccepted);
    }

    private async Task<AcceptResult> AcceptAsync(HttpContext context)
    {
        if (!MediaTypes.IsJson(context.Request))
        {
            return AcceptResult.Refused(Problem.UnsupportedMediaType(MediaTypes.Json));
        }

        StringValues keys = context.Request.Headers["Idempotency-Key"];
        if (keys.Count > 1 || (keys.Count == 1 && !Identifier.IsValid(keys[0], OrderIntake.IdempotencyKeyLengthMax)))
        {
            return AcceptResult.Refused(Problem.InvalidIdempotencyKey());
        }

        (BodyReader.Body? body, Problem? problem) = await bodies.ReadAsync(context.Request, context.RequestAborted);
        if (body is null)
        {
            return AcceptResult.Refused(problem!);
        }

        Task<AcceptResult> accepting;
        using (body)
        {
            accepting = intake.AcceptAsync(context.Features.GetRequiredFeature<Client>(), body.Bytes, keys.Count == 1 ? keys[0] : null, allowKeyInBody: false);
        }

        return await accepting;
    }
}
