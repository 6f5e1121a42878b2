/**
 * Objects that are made when somebody asks for more of them than is known at once; until then a stand-in is handed on.
 *
 * Why: a web Request and a Response cost more than a call, and nobody looks at either where no other handler is passed. No `new Request` of
 * Node 24 takes a stand-in: it is for those who call methods and read members. Errors: what the making throws.
 */
export class Late<T extends object, Source> {
    readonly #sources = new WeakMap<T, Source>();
    readonly #made = new WeakMap<T, T>();

    /** `known` gives the members that the source holds as they are. */
    constructor(readonly make: (source: Source) => T, readonly known: (source: Source) => Partial<T>) {}

    /** @returns a stand-in for what is made of a source. */
    of(source: Source): T {
        const known = this.known(source);
        const standIn: T = new Proxy<T>({} as T, {
            get: (_, name) => {
                if (name === "then" || Object.hasOwn(known, name)) {            // a promise asks whether it is one
                    return Reflect.get(known, name) as unknown;
                }
                const made = this.made(standIn);
                const value: unknown = Reflect.get(made, name);
                return typeof value === "function" ? value.bind(made) as unknown : value;
            },
            set: (_, name, value) => Reflect.set(this.made(standIn), name, value),
            has: (_, name) => Reflect.has(this.made(standIn), name),
            getPrototypeOf: () => Reflect.getPrototypeOf(this.made(standIn)),
        });
        this.#sources.set(standIn, source);
        return standIn;
    }

    /** @returns what a stand-in would be made of, as long as nobody has asked for it; undefined for any other object. */
    sourceOf(one: T): Source | undefined {
        return this.#sources.get(one);
    }

    /** @returns what a stand-in stands for; any other object as it is. */
    made(one: T): T {
        const source = this.#sources.get(one);
        if (source !== undefined) {
            this.#made.set(one, this.make(source));
            this.#sources.delete(one);
        }
        return this.#made.get(one) ?? one;
    }
}
