/**
 * Objects that are made when somebody asks for more of them than is known at once; until then a stand-in is handed on.
 *
 * Why: a web Request and a Response cost more than a call, and nobody looks at either where no other handler is passed. A stand-in is
 * for those who call methods and read members; a `new Request` made of one may refuse it. Errors: what the making throws.
 */

/** What a stand-in knows: `source` until the object is made, `made` from then on. */
interface Standing<T, Source> {
    readonly known: Partial<T>;
    source: Source | undefined;
    made: T | undefined;
}

/** `make` makes an object of a source; `known` gives the members that the source holds as they are. */
export class Late<T extends object, Source extends object> {
    readonly #standing = new WeakMap<T, Standing<T, Source>>();
    readonly #handler: ProxyHandler<Standing<T, Source>>;

    constructor(readonly make: (source: Source) => T, readonly known: (source: Source) => Partial<T>) {
        const made = (standing: Standing<T, Source>): T => this.#made(standing);
        this.#handler = {
            get(standing, name) {
                if (name === "then" || Object.hasOwn(standing.known, name)) {           // a promise asks whether it is one
                    return Reflect.get(standing.known, name) as unknown;
                }
                const value: unknown = Reflect.get(made(standing), name);
                return typeof value === "function" ? value.bind(made(standing)) as unknown : value;
            },
            set: (standing, name, value) => Reflect.set(made(standing), name, value),
            has: (standing, name) => Reflect.has(made(standing), name),
            getPrototypeOf: (standing) => Reflect.getPrototypeOf(made(standing)),
        };
    }

    /** @returns a stand-in for what is made of a source. */
    of(source: Source): T {
        const standing: Standing<T, Source> = { known: this.known(source), source, made: undefined };
        const standIn = new Proxy(standing, this.#handler) as unknown as T;
        this.#standing.set(standIn, standing);
        return standIn;
    }

    /** @returns what a stand-in would be made of, as long as nobody has asked for it; undefined for any other object. */
    sourceOf(one: T): Source | undefined {
        return this.#standing.get(one)?.source;
    }

    /** @returns what a stand-in stands for; any other object as it is. */
    made(one: T): T {
        const standing = this.#standing.get(one);
        return standing === undefined ? one : this.#made(standing);
    }

    #made(standing: Standing<T, Source>): T {
        if (standing.source !== undefined) {
            standing.made = this.make(standing.source);
            standing.source = undefined;
        }
        return standing.made as T;
    }
}
