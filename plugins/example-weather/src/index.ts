export { ExampleWeatherPlugin } from './example-weather.plugin.js';
