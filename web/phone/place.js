// Where the observer is: the post she chose, and a fix of the device if it may be taken. Saving
// never waits for one.

/** @typedef {{lat: number, lon: number, accuracy: number, at: number}} Fix degrees × 10^7; metres; milliseconds */

/** @type {Fix | null} */
let last = null;

/** Asks the device where it is, once. */
export function look() {
  navigator.geolocation?.getCurrentPosition((p) => {
    last = { lat: Math.round(p.coords.latitude * 1e7), lon: Math.round(p.coords.longitude * 1e7), accuracy: Math.round(p.coords.accuracy), at: performance.now() };
  }, () => {}, { enableHighAccuracy: true, timeout: 30000, maximumAge: 60000 });
}

/** A fix of the last two minutes, with its accuracy as the device gives it. */
const fresh = () => (last && performance.now() - last.at < 120000 ? last : null);

/** The where part at a place. @param {string | null} place @param {string | null} [to] */
export function whereOf(place, to = null) {
  const f = fresh();
  return { place, to, point: f && { lat: f.lat, lon: f.lon }, accuracy: f && f.accuracy };
}
