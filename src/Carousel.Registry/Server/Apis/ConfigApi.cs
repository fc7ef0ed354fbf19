using Carousel.Registry.Compatibility;
using Carousel.Registry.Server.Catalog;

namespace Carousel.Registry.Server.Apis;

/// <summary>/config: the compatibility level, global and per subject.</summary>
internal sealed class ConfigApi(SchemaCatalog catalog, RegistryCommands commands)
{
    public void Map(Router route)
    {
        route.Get("/config", _ => new LevelInForceMessage(catalog.Current.LevelInForce(null).Name()));
        route.Get("/config/{subject}", Get);
        route.Put("/config", request => PutAsync(request, null));
        route.Put("/config/{subject}", request => PutAsync(request, request.Subject));
        route.Delete("/config", request => DeleteAsync(request, null));
        route.Delete("/config/{subject}", request => DeleteAsync(request, request.Subject));
    }

    private LevelInForceMessage Get(ApiRequest request)
    {
        var snapshot = catalog.Current;
        var level = request.Flag("defaultToGlobal") ? snapshot.LevelInForce(request.Subject) : snapshot.OwnLevel(request.Subject);
        return new LevelInForceMessage((level ?? throw RegistryException.NoConfig(request.Subject)).Name());
    }

    private async Task<object> PutAsync(ApiRequest request, string? subject)
    {
        var body = await request.ReadBodyAsync<LevelMessage>();
        if (!CompatibilityLevels.TryParse(body.Compatibility, out var level))
        {
            throw RegistryException.InvalidLevel(body.Compatibility);
        }

        return new LevelMessage((await commands.SetLevelAsync(subject, level, request.Aborted)).Name());
    }

    private async Task<object> DeleteAsync(ApiRequest request, string? subject)
    {
        return new LevelInForceMessage((await commands.DeleteLevelAsync(subject, request.Aborted)).Name());
    }
}
