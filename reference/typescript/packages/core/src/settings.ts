/**
 * Settings, read from the environment once, before anything listens.
 *
 * Source: spec/ground.md, Reading across origins. Errors: BadSetting names the setting; a program that meets one does not start.
 */

// An origin as browsers write it (RFC 6454, 6.2): lower case, no path, no user, no default port.
const ORIGIN = /^([a-z][a-z0-9+.-]*):\/\/((?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)|\[[0-9a-f:.]+\])(?::([1-9][0-9]{0,4}))?$/u;
const DEFAULT_PORTS: ReadonlyMap<string, string> = new Map([["http", "80"], ["https", "443"]]);
const LAST_PORT = 65_535;

/** A setting that no start can go on with; the message names it and says what would do. */
export class BadSetting extends Error {
    override readonly name = "BadSetting";
}

/** What the environment decides. `origins`: who may read replies across origins; none: CORS is off. */
export interface Settings {
    readonly origins: ReadonlySet<string>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws BadSetting. */
export function read(environment: Environment): Settings {
    return { origins: originsIn(environment["MIZAN_ORIGINS"] ?? "") };
}

/** @returns the origins of `MIZAN_ORIGINS`, which stand between spaces. @throws BadSetting. */
function originsIn(text: string): ReadonlySet<string> {
    return new Set(text.split(/\s+/u).filter((one) => one !== "").map(checkedOrigin));
}

/** @returns `text`, an origin that some browser can send. @throws BadSetting. */
function checkedOrigin(text: string): string {
    const seen = ORIGIN.exec(text);
    if (seen === null) {
        throw new BadSetting(`MIZAN_ORIGINS: ${JSON.stringify(text)} is not an origin; wanted scheme://host or scheme://host:port in lower case, `
            + "without a path or a slash at the end; `*` and `null` are no origins: list each one, with spaces between");
    }
    const [, scheme = "", , port] = seen;
    if (port !== undefined && (port === DEFAULT_PORTS.get(scheme) || Number(port) > LAST_PORT)) {
        throw new BadSetting(`MIZAN_ORIGINS: no browser sends the port of ${JSON.stringify(text)}; leave out a scheme's own, and stay within ${LAST_PORT}`);
    }
    return text;
}
