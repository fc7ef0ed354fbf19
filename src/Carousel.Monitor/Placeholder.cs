namespace Carousel.Monitor;
