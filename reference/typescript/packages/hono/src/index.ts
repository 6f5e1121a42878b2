/** Mizan for Hono: `mount` on an application, `serve` it with Node. */
export { mount, type MountOptions } from "./mount.js";
export { serve, type ServeOptions, type Serving } from "./serve.js";
