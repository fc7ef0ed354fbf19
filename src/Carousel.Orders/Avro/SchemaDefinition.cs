namespace Carousel.Orders.Avro;

/// <summary>A schema as we hold it, to be registered under <paramref name="Subject"/>.</summary>
/// <param name="Subject">The registry's subject, by TopicNameStrategy <c>&lt;topic&gt;-value</c>.</param>
/// <param name="FullName">Avro full name of the schema's root record; a schema that refers to this one uses it as the reference's name.</param>
/// <param name="Json">The Avro schema.</param>
/// <param name="References">Schemas whose names <paramref name="Json"/> uses without defining them; registered first.</param>
public sealed record SchemaDefinition(string Subject, string FullName, string Json, IReadOnlyList<SchemaDefinition> References);
