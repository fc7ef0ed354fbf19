namespace Carousel.Gateway;
