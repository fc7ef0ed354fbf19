namespace Carousel.Registry;
