using Carousel.Registry.Server.Catalog;

namespace Carousel.Registry.Server.Apis;

/// <summary>/schemas: schemas by their id, wherever they are registered. A soft-deleted schema stays readable by id, for the data written under it.</summary>
internal sealed class SchemasApi(SchemaCatalog catalog)
{
    private static readonly string[] Types = [SchemaVersion.Avro];

    public void Map(Router route)
    {
        route.Get("/schemas", List);
        route.Get("/schemas/types", _ => Types);
        route.Get("/schemas/ids/{id}", request => SchemaTextMessage.From(Places(request)[0]));
        route.Get("/schemas/ids/{id}/schema", request => new RawJson(Places(request)[0].Text));
        route.Get("/schemas/ids/{id}/versions", request => Visible(request)
            .Select(each => new SubjectVersionMessage(each.Subject, each.Version)).ToList());
        route.Get("/schemas/ids/{id}/subjects", request => Visible(request).Select(each => each.Subject).Distinct(StringComparer.Ordinal).ToList());
    }

    private object List(ApiRequest request)
    {
        var prefix = SubjectsApi.Prefix(request);
        var deletedToo = request.Flag("deleted");
        var found = catalog.Current.All
            .Where(each => each.Subject.StartsWith(prefix, StringComparison.Ordinal) && (deletedToo || !each.IsDeleted));
        if (request.Flag("latestOnly"))
        {
            found = found.GroupBy(each => each.Subject, StringComparer.Ordinal).Select(each => each.Last());
        }

        var limit = request.Number("limit", -1);
        var page = found.Skip(Math.Max(0, request.Number("offset", 0)));
        return (limit < 0 ? page : page.Take(limit)).Select(SchemaVersionMessage.From).ToList();
    }

    private IReadOnlyList<SchemaVersion> Places(ApiRequest request)
    {
        var places = catalog.Current.WithId(request.Id);
        return places.Count > 0 ? places : throw RegistryException.SchemaNotFound($"with id {request.Id}");
    }

    private IEnumerable<SchemaVersion> Visible(ApiRequest request)
    {
        var deletedToo = request.Flag("deleted");
        return Places(request)
            .Where(each => deletedToo || !each.IsDeleted)
            .OrderBy(each => each.Subject, StringComparer.Ordinal).ThenBy(each => each.Version);
    }
}
