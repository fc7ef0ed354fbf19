using Carousel.Registry.Server.Catalog;

namespace Carousel.Registry.Server.Apis;

/// <summary>/mode: who may write, globally and per subject.</summary>
internal sealed class ModeApi(SchemaCatalog catalog, RegistryCommands commands)
{
    public void Map(Router route)
    {
        route.Get("/mode", _ => new ModeMessage(catalog.Current.ModeInForce(null).Name()));
        route.Get("/mode/{subject}", Get);
        route.Put("/mode", request => PutAsync(request, null));
        route.Put("/mode/{subject}", request => PutAsync(request, request.Subject));
        route.Delete("/mode", request => DeleteAsync(request, null));
        route.Delete("/mode/{subject}", request => DeleteAsync(request, request.Subject));
    }

    private ModeMessage Get(ApiRequest request)
    {
        var snapshot = catalog.Current;
        var mode = request.Flag("defaultToGlobal") ? snapshot.ModeInForce(request.Subject) : snapshot.OwnMode(request.Subject);
        return new ModeMessage((mode ?? throw RegistryException.NoMode(request.Subject)).Name());
    }

    private async Task<object> PutAsync(ApiRequest request, string? subject)
    {
        var body = await request.ReadBodyAsync<ModeMessage>();
        if (!RegistryModes.TryParse(body.Mode, out var mode))
        {
            throw RegistryException.InvalidMode(body.Mode);
        }

        return new ModeMessage((await commands.SetModeAsync(subject, mode, request.Flag("force"), request.Aborted)).Name());
    }

    private async Task<object> DeleteAsync(ApiRequest request, string? subject)
    {
        return new ModeMessage((await commands.DeleteModeAsync(subject, request.Aborted)).Name());
    }
}
