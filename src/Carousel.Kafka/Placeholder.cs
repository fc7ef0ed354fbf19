namespace Carousel.Kafka;
