/**
 * Which class is the framework's own response: the binding says so once, so that the core imports no framework.
 *
 * Source: spec/dispatch.md, The framework's own response.
 */

/** What every framework's response tells of itself. */
export interface FrameworkResponse {
    readonly status: number;
}

export type ResponseClass = abstract new (...args: never) => FrameworkResponse;

let base: ResponseClass | null = null;

/** Says which class, with its subclasses, is a response of the framework; the binding calls it when it is imported. */
export function setFrameworkResponseBase(cls: ResponseClass): void {
    base = cls;
}

/** Whether a value is the framework's own response; false while no binding has said which class that is. */
export function isFrameworkResponse(value: unknown): value is FrameworkResponse {
    return base !== null && value instanceof base;
}

/** @returns the status of the framework's own response. */
export function statusOf(response: FrameworkResponse): number {
    return response.status;
}
