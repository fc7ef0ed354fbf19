using Carousel.Registry.Server.Catalog;

namespace Carousel.Registry.Server.Apis;

/// <summary>/compatibility: would this schema be accepted, and if not, why.</summary>
internal sealed class CompatibilityApi(SchemaCatalog catalog)
{
    public void Map(Router route)
    {
        route.Post("/compatibility/subjects/{subject}/versions", request => CheckAsync(request, All));
        route.Post("/compatibility/subjects/{subject}/versions/{version}", request => CheckAsync(request, One));
    }

    private static List<SchemaVersion> All(CatalogSnapshot snapshot, ApiRequest request)
    {
        return [.. snapshot.Versions(request.Subject).Where(each => !each.IsDeleted)];
    }

    // A subject without versions is compatible with anything; a version that was named must be there.
    private static List<SchemaVersion> One(CatalogSnapshot snapshot, ApiRequest request)
    {
        var version = request.Version;
        return version.Number is null && All(snapshot, request).Count == 0 ? [] : [version.Of(snapshot, request.Subject, includeDeleted: false)];
    }

    private async Task<object> CheckAsync(ApiRequest request, Func<CatalogSnapshot, ApiRequest, List<SchemaVersion>> select)
    {
        var body = await request.ReadBodyAsync<SchemaRequest>();
        var snapshot = catalog.Current;
        var older = select(snapshot, request);
        var schema = SchemaSource.Parse(snapshot, body.RequireAvro(), body.RequireReferences());
        var violations = Registration.CheckCompatibility(snapshot, request.Subject, schema, older);
        return new CompatibilityMessage(violations.Count == 0, request.Flag("verbose") ? violations : null);
    }
}
